"""Questions to completions: engines that continue prompts, and the prompts that elicit reasoning.

`sample` is the stage; the decode loop itself is in `cotkd.decoding`, which students use too.
"""
