"""Concept questions: one module a unit, three kinds (choice, number, open). See `dlkit.questions.bank`."""
