#pragma once

#include <stddef.h>

// Signals and the terminal.
//
// Signals that ask something of the program (SIGINT, SIGTERM, SIGHUP, SIGQUIT; SIGTSTP, SIGCONT; SIGWINCH) are
// recorded and wake signflip_guard_wait. Whichever thread receives them: the handler sets a flag and writes a byte.
//
// Signals that end the program (SIGSEGV, SIGILL, SIGABRT, SIGTRAP, SIGBUS, SIGFPE; a Swift trap is SIGILL or SIGTRAP)
// first put the terminal back, then take their usual course. The handler calls only async-signal-safe functions.

enum {
  SIGNFLIP_GUARD_INPUT = 1,    ///< The terminal has something to read.
  SIGNFLIP_GUARD_END = 2,      ///< A signal asks the program to end.
  SIGNFLIP_GUARD_STOP = 4,     ///< A signal asks the program to stop (Ctrl-Z).
  SIGNFLIP_GUARD_CONTINUE = 8, ///< The program goes on after having been stopped.
  SIGNFLIP_GUARD_RESIZE = 16,  ///< The terminal's size has changed.
  SIGNFLIP_GUARD_GONE = 32,    ///< The terminal is gone.
  SIGNFLIP_GUARD_WAKE = 64,    ///< signflip_guard_wake was called.
};

/// Installs the handlers and notes the terminal's modes, before anything changes them.
/// Returns 0, or an errno.
int signflip_guard_install(int input, int output);

/// Puts the handlers that were there before back.
void signflip_guard_uninstall(void);

/// From now on a crash writes these bytes to the terminal and sets the modes noted by install. At most 1,024 bytes.
void signflip_guard_arm(const char *restore, size_t length);

/// From now on a crash leaves the terminal alone.
void signflip_guard_disarm(void);

/// Sets what the terminal had when signflip_guard_install was called.
void signflip_guard_restore_modes(void);

/// Waits for input, a recorded signal, or signflip_guard_wake; at most so many milliseconds, forever if negative.
/// Returns the SIGNFLIP_GUARD_ flags of what has happened, and forgets them, except SIGNFLIP_GUARD_END.
unsigned signflip_guard_wait(int milliseconds);

/// Waits no more for input: the terminal is gone.
void signflip_guard_forget_input(void);

/// Ends a wait in another thread, or the next one in this.
void signflip_guard_wake(void);

/// The signal that asked the program to end; 0 when there was none.
int signflip_guard_ending_signal(void);

/// Stops the program as an unhandled SIGTSTP would; returns when it goes on.
void signflip_guard_stop(void);

/// Keeps standard error aside, where it is a terminal: a message in the middle of the screen would spoil it, and be
/// lost with it. Returns 0 when there is nothing to keep.
int signflip_guard_keep_errors(void);

/// Gives standard error back and shows what was kept.
void signflip_guard_release_errors(void);

// What ncurses writes, held back to be counted and sent in pieces.

/// Makes the descriptor through which ncurses writes to a terminal. Returns -1 when that fails.
int signflip_output_open(int terminal);

/// From now on what is written to that descriptor is kept. Returns whether it is.
int signflip_output_hold(void);

/// From now on it goes to the terminal again. Returns how many bytes were kept.
size_t signflip_output_release(void);

/// Reads what was kept. Returns how many bytes that are.
size_t signflip_output_read(char *bytes, size_t capacity);
