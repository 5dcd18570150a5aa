"""Questions to completions: engines that continue prompts, and the prompts that elicit reasoning.

`sample` is the stage; `decoding` is the one decode loop, which students use too.
"""
