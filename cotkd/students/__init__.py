"""Students: load, generate, save; low-rank adapters.

`students.load` has `load_student`; `students.lora` has the settings `Lora`.
"""
