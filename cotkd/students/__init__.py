"""Students: load, generate, save; low-rank adapters."""

from cotkd.students.load import Student, load_student
from cotkd.students.lora import Lora

__all__ = ["Lora", "Student", "load_student"]
