"""The stages that work alone as well as in a run: `collect`, `curate`, `fit`; then `measuring`.

Each takes rows and settings, writes its own part of a run directory, and returns rows.

    samples/STREAM.jsonl
    rounds/000/questions.jsonl   rationales.jsonl   dropped.jsonl   tokens.jsonl   filter.json
               examples/ARM.jsonl                   ARM/ (the trained model)
"""
