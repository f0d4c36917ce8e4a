"""What runs in the sandbox beside a learner's code. It knows no answers, and nothing that it says is believed."""
