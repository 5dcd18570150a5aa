"""Every method on MicroGSM: same questions, same base, same processed tokens, several seeds.

    python -m benchmarks.methods plan                 the cells that are left, in order
    python -m benchmarks.methods run --seeds 0,1,2    appends to results.jsonl; goes on after a stop
    python -m benchmarks.methods table                results.jsonl -> table.md
    python -m benchmarks.methods course               makes the bases of the forms with labels again

A cell is a method, a student, a form of the problems, a share of the data and a seed. Each is an
ordinary run of the method's recipe without baseline; its row holds commit, seed, budget, what was
trained on, and the answer to every question, so that the table can be made again without a model.
"""
