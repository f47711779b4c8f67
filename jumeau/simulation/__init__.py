"""What a SimPy process lives in: clock, crews and shifts, journal, board, place."""
