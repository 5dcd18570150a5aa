"""Lengths in GSM8K, for benchmarks that need the spread of real data and not its words.

Of the 7,473 training questions with the rationales of Flan's chain-of-thought data, ordered by the
length of the rationale, every 78th: tokens of question, answer and rationale, counted as single
digits, pieces of at most six letters, and punctuation.
"""

_MEASURED = """
40 2 25, 23 3 28, 29 2 29, 27 3 31, 54 3 33, 67 3 34, 43 3 36, 50 3 37, 47 4 38, 34 3 39,
40 4 40, 32 5 41, 53 4 42, 35 3 43, 50 2 44, 36 3 45, 29 3 46, 37 4 47, 29 3 48, 37 4 49,
59 4 50, 43 3 50, 41 2 51, 42 3 52, 42 4 53, 31 4 54, 51 4 55, 52 4 56, 106 3 57, 44 3 58,
37 3 58, 37 5 59, 47 3 60, 43 3 61, 90 3 62, 46 4 63, 58 4 63, 54 3 64, 30 2 65, 46 4 66,
79 4 67, 41 4 67, 38 2 68, 56 5 69, 51 2 70, 38 3 71, 43 3 72, 94 3 73, 60 3 74, 59 3 75,
95 3 76, 35 3 77, 44 4 79, 105 5 80, 48 3 81, 59 5 82, 57 3 83, 87 4 84, 79 3 85, 45 3 87,
66 3 88, 73 3 89, 52 3 90, 57 4 91, 86 2 92, 47 5 94, 99 4 95, 104 4 97, 44 4 98, 47 4 99,
67 3 101, 51 3 103, 62 2 104, 43 3 106, 60 3 108, 51 6 109, 46 4 111, 62 3 113, 70 3 115, 81 3 118,
38 3 120, 82 3 122, 52 3 126, 78 4 128, 53 2 132, 141 3 135, 67 4 138, 169 2 142, 112 3 146,
76 4 151, 51 4 157, 52 3 164, 96 6 173, 81 4 183, 201 3 196, 66 4 235
"""

GSM8K = [tuple(map(int, row.split())) for row in _MEASURED.split(",")]
