//! Facts in, verdicts out: the checks that judge a run.
