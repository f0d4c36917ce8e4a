"""What a learner might try against the grader, one row each, and the proof that it earns and harms nothing."""
