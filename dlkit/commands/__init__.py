"""The commands of `dlkit`, the learner's and the teacher's; `dlkit.cli` puts them together."""
