"""Judges for what stays open: whether two answers say the same, asked of two models that did not write them.

`pairs.open_pairs` tells what is open, `pairs.two_judges` who may judge it, `judges.Judges` asks, and
`pairs.with_verdicts` takes what both agree on into the comparison.
"""
