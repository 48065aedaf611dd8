#pragma once

#define NCURSES_WIDECHAR 1
#include <locale.h>
#include <wchar.h>
#include <curses.h>
#include <langinfo.h>
#include <stdio.h>

// Of <term.h>, which would make <termios.h> this module's own.
extern int setupterm(const char *name, int output, int *status);
extern char *tigetstr(const char *name);

// Macros, globals and unions that Swift cannot import, as functions and constants. Every name begins with signflip_.

static const attr_t signflip_bold = WA_BOLD;
static const attr_t signflip_dim = WA_DIM;
static const attr_t signflip_reverse = WA_REVERSE;
static const attr_t signflip_underline = WA_UNDERLINE;
static const attr_t signflip_italic = WA_ITALIC;

/// Takes over the terminal, which is written to through `output`; NULL when that fails.
static inline SCREEN *signflip_open(const char *name, int output) {
  FILE *file = output < 0 ? stdout : fdopen(output, "w");
  SCREEN *screen = file ? newterm(name, file, stdin) : NULL;
  // A key pressed meanwhile must not cut an update short.
  if (screen) typeahead(-1);
  return screen;
}

/// The screen's size as ncurses knows it.
static inline int signflip_width(void) { return getmaxx(stdscr); }
static inline int signflip_height(void) { return getmaxy(stdscr); }

/// Sets up the screen for bytes as the terminal sends them, Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-Q included. They are read
/// past ncurses, so that it must not look for them either: where it finds some it breaks an update off. These modes are also
/// those that endwin() sets: the terminal's own are left to the caller, who may have to wait before.
static inline void signflip_set_up(void) {
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  scrollok(stdscr, FALSE);
  typeahead(-1);
  def_shell_mode();
}

/// Places the cursor and sends what has changed.
static inline void signflip_update(int y, int x) {
  wmove(stdscr, y, x);
  wrefresh(stdscr);
}

/// Makes the next update draw everything, whatever the terminal shows now.
static inline void signflip_repaint(void) { clearok(curscr, TRUE); }

/// Sets the modes that ncurses last had, whatever someone else has set meanwhile.
static inline void signflip_restore_modes(void) { reset_prog_mode(); }

/// Blanks the screen.
static inline void signflip_erase(void) { werase(stdscr); }

/// How many colours and colour pairs there are.
static inline int signflip_colors(void) { return COLORS; }
static inline int signflip_pairs(void) { return COLOR_PAIRS; }

/// The terminal's string of this name; NULL when it has none.
static inline const char *signflip_capability(const char *name) {
  const char *value = tigetstr(name);
  return value == (const char *)-1 ? NULL : value;
}

/// Whether the current locale's characters are UTF-8.
static inline int signflip_is_utf8(void) {
  const char *name = nl_langinfo(CODESET);
  return name && (name[0] == 'U' || name[0] == 'u');
}

// POSIX has it, the header only with a feature macro that a module cannot set for it.
extern int wcwidth(wchar_t);

/// How many columns the C library gives a glyph, and so ncurses; -1 for what it does not know.
static inline int signflip_columns(unsigned glyph) { return wcwidth((wchar_t)glyph); }

/// Puts one glyph in a cell. A pair may exceed a short: it goes through setcchar's last argument.
static inline void signflip_put(int y, int x, unsigned glyph, attr_t attributes, int pair) {
  wchar_t text[2] = {(wchar_t)glyph, 0};
  cchar_t cell;
  if (setcchar(&cell, text, attributes, (short)(pair > 32767 ? 32767 : pair), &pair) == OK)
    // Fails for the last cell of the screen, after it has been set.
    (void)mvwadd_wch(stdscr, y, x, &cell);
}

/// The character of a byte in the current locale; -1 where it is none.
static inline int signflip_character(int byte) { return (int)btowc(byte); }
