"""Training: one trainer for every method, decoder and encoder-decoder students alike.

`training.trainer` has `train`; `training.settings` has the settings and imports no torch.
"""
