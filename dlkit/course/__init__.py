"""The course's files: where its units are, how lessons are built, a learner's workspace and progress."""
