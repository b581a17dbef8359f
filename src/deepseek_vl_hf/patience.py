"""A call to the Hub comes in; its result goes out, after as many tries as are reasonable, or one sentence on why there is none.

The client of `huggingface_hub` tries uploads again and little else, and raises what only its authors can read.
"""

import errno
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


PATIENCE = (1, 2, 4, 8)  # seconds between tries
LONGEST = 60  # seconds that a busy Hub may ask for
BUSY = (429, 500, 502, 503, 504)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
OUTDATED = 412  # somebody else has pushed in between
Result = TypeVar("Result")


def patiently(call: Callable[[], Result], also: Sequence[int] = ()) -> Result:
    """Call, and call again a few times where the Hub was busy or a connection broke.

    Repeating is safe: a repository that exists is no error, and files that are there are not sent or committed twice.
    """
    for wait in (*PATIENCE, None):
        try:
            return call()
        except (HTTPError, LocalEntryNotFoundError, RuntimeError) as error:
            cause = error if isinstance(error, HTTPError) else error.__cause__
            status = cause.response.status_code if isinstance(cause, HfHubHTTPError) else None
            # Where a file is fetched and nobody listens, the client has tried for half a minute itself.
            is_tried = cause is not error and type(cause).__name__ in ("ConnectError", "ConnectTimeout")
            broken = isinstance(cause, HTTPError) and status is None and not is_tried
            if wait is None or not (broken or status in (*BUSY, *also)):
                raise
            asked = cause.response.headers.get("Retry-After", "") if status is not None else ""
            time.sleep(min(LONGEST, max(wait, int(asked) if asked.isdigit() else 0)))
    raise AssertionError  # the last try returns or raises


@contextmanager
def explained(repo_id: str, state: str) -> Iterator[None]:
    """Turn what the client raises into one sentence for the user, and one on what is where now."""
    try:
        yield
    except (HTTPError, OfflineModeIsEnabled, LocalEntryNotFoundError, EntryNotFoundError, RuntimeError) as error:
        cause = error if isinstance(error, HTTPError) else error.__cause__ or error
        status = cause.response.status_code if isinstance(cause, HfHubHTTPError) else None
        if isinstance(cause, OfflineModeIsEnabled):
            reason = "HF_HUB_OFFLINE is set, so it cannot be reached; unset it"
        elif isinstance(cause, RevisionNotFoundError):
            reason = "there is no such revision"
        elif isinstance(cause, RepositoryNotFoundError):
            reason = "there is no such repository, or this token may not see it; check the name, and log in with `hf auth login`"
        elif status == 401:
            reason = "the token is not valid; log in with `hf auth login`, or set HF_TOKEN"
        elif status == 403:
            reason = "this token may not do that; take one that may write there"
        elif status in BUSY:
            reason = f"the Hub answered {status} to {len(PATIENCE) + 1} tries; wait a little"
        elif status == OUTDATED:
            reason = "somebody else pushes there at the same time; agree with them"
        elif status is not None:
            reason = " ".join(str(cause).split())
        else:
            reason = f"the Hub cannot be reached or the connection broke ({' '.join(str(cause).split()) or type(cause).__name__})"
        raise ValueError(f"{repo_id}: {reason}. {state}") from error
    except OSError as error:
        if error.errno in FULL:
            raise ValueError(f"The disk is full ({error}). {state}") from error
        raise
