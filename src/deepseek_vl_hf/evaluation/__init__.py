"""How good a checkpoint is: questions and a checkpoint come in; scores with intervals, comparisons and a page of failures go out.

    questions, benchmark                     what is asked: a folder of questions, and the one that is shipped
    naming, stated_numbers, unknown, scoring what an answer is worth
    statistics                               intervals and differences
    answering                                a checkpoint answers
    results, summary, report                 what came out: JSON, tables, a page
    evaluating                               the whole way, from a checkpoint to its results
    vlmevalkit                               questions and answers as VLMEvalKit's tables
    suite, harnesses, outcomes, running      the paper's benchmarks, by lm-eval and lmms-eval
    lm_eval_model, lmms_model                what these two ask

`deepseek-vl evaluate` is the command. Importing this package imports nothing heavy.
"""
