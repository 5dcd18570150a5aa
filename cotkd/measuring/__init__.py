"""Asking students and teachers the questions of suites, and scoring what they say.

`suites` are what is asked, `answers` who answers, `scores` what comes of it; `probes` measures what
goes beyond greedy accuracy, `choosing` which checkpoint is kept, `harness` has lm-eval do the
asking.
"""
