"""Training: one trainer for every method, decoder and encoder-decoder students alike.

    from cotkd.training.settings import Training       # light: imports no torch
    from cotkd.training.trainer import train
"""
