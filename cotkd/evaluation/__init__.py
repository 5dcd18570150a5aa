"""How good a model is: scored suites, paired statistics, comparisons of runs."""
