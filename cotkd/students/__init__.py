"""Students: load, generate, save; low-rank adapters.

    from cotkd.students.load import load_student
    from cotkd.students.lora import Lora
"""
