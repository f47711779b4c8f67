"""What happens during a run, as SimPy processes."""
