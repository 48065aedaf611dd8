// Restores the terminal in signal handlers.
