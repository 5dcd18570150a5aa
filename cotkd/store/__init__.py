"""A run on disk: append-only shards, a lock, a manifest, fingerprints, resume.

    with RunDirectory.open(Path("runs/demo"), settings) as run:
        shard = run.samples(stream_id("microgsm-teacher", "plain", None, sampling))
        shard.append(completions)       # durable when it returns

Whatever kills the process, what an `append` has returned for is there at the next `open`, once.
"""
