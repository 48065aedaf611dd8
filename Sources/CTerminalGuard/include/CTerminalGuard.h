#pragma once

#include <stddef.h>

// Signals and the terminal.
//
// Requests to the program (SIGINT, SIGTERM, SIGHUP, SIGQUIT; SIGTSTP, SIGCONT; SIGWINCH) are recorded and wake
// signflip_guard_wait. Any thread may receive them: the handler sets a flag and writes a byte to a pipe.
//
// Crashes (SIGSEGV, SIGILL, SIGABRT, SIGTRAP, SIGBUS, SIGFPE; a Swift trap is SIGILL or SIGTRAP) first restore the terminal,
// then their default action follows. The handler calls only async-signal-safe functions.

enum {
  SIGNFLIP_GUARD_INPUT = 1,    ///< The terminal has input.
  SIGNFLIP_GUARD_END = 2,      ///< A signal asks the program to end.
  SIGNFLIP_GUARD_STOP = 4,     ///< A signal asks the program to stop (Ctrl-Z).
  SIGNFLIP_GUARD_CONTINUE = 8, ///< The program continues after it was stopped.
  SIGNFLIP_GUARD_RESIZE = 16,  ///< The terminal's size has changed.
  SIGNFLIP_GUARD_GONE = 32,    ///< The terminal is gone.
  SIGNFLIP_GUARD_WAKE = 64,    ///< signflip_guard_wake was called.
};

/// Installs the handlers and saves the terminal's modes. Call it before anything changes them.
/// Returns 0, or an errno.
int signflip_guard_install(int input, int output);

/// Restores the previous handlers.
void signflip_guard_uninstall(void);

/// From now on, a crash writes these bytes, at most 1,024, to the terminal and restores the saved modes.
void signflip_guard_arm(const char *restore, size_t length);

/// From now on, a crash does not touch the terminal.
void signflip_guard_disarm(void);

/// Restores the modes that signflip_guard_install saved.
void signflip_guard_restore_modes(void);

/// Waits for input, a recorded signal, or signflip_guard_wake, at most this number of milliseconds; forever if negative.
/// Returns the SIGNFLIP_GUARD_ flags of the events and clears all but SIGNFLIP_GUARD_END.
unsigned signflip_guard_wait(int milliseconds);

/// From now on, signflip_guard_wait does not wait for input, since the terminal is gone.
void signflip_guard_forget_input(void);

/// Ends the current wait of another thread, or this thread's next one.
void signflip_guard_wake(void);

/// Returns the signal that asked the program to end; 0 if there was none.
int signflip_guard_ending_signal(void);

/// Stops the program as an unhandled SIGTSTP would; returns when it continues.
void signflip_guard_stop(void);

/// If standard error is a terminal, redirects it to a file in memory, as a message would spoil the screen and be lost with it.
/// Returns 0 if it is not a terminal.
int signflip_guard_keep_errors(void);

/// Restores standard error and prints the redirected text.
void signflip_guard_release_errors(void);

// The output of ncurses can be held, to be counted and sent in pieces.

/// Creates the descriptor for the output of ncurses to a terminal. Returns -1 on failure.
int signflip_output_open(int terminal);

/// From now on, output to that descriptor is held. Returns whether this succeeded.
int signflip_output_hold(void);

/// From now on, output goes to the terminal again. Returns the number of bytes that were held.
size_t signflip_output_release(void);

/// Reads held output. Returns the number of bytes.
size_t signflip_output_read(char *bytes, size_t capacity);
