#pragma once

#define NCURSES_WIDECHAR 1
#include <locale.h>
#include <wchar.h>
#include <curses.h>
#include <langinfo.h>
#include <stdio.h>

// From <term.h>, which would make <termios.h> a part of this module.
extern int setupterm(const char *name, int output, int *status);
extern char *tigetstr(const char *name);

// Wraps macros, globals and unions, which Swift can't import. All names start with signflip_.

static const attr_t signflip_bold = WA_BOLD;
static const attr_t signflip_dim = WA_DIM;
static const attr_t signflip_reverse = WA_REVERSE;
static const attr_t signflip_underline = WA_UNDERLINE;
static const attr_t signflip_italic = WA_ITALIC;

/// Initializes the terminal, with `output` as the descriptor to write to. Returns NULL on failure.
static inline SCREEN *signflip_open(const char *name, int output) {
  FILE *file = output < 0 ? stdout : fdopen(output, "w");
  SCREEN *screen = file ? newterm(name, file, stdin) : NULL;
  // A key press must not interrupt an update.
  if (screen) typeahead(-1);
  return screen;
}

/// ncurses' size of the screen.
static inline int signflip_width(void) { return getmaxx(stdscr); }
static inline int signflip_height(void) { return getmaxy(stdscr); }

/// Sets raw mode: the program gets all bytes that the terminal sends, including Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-Q. The program
/// reads them itself, so ncurses must not check for input, which would interrupt an update. endwin() also sets these modes; the
/// caller restores the terminal's original modes, possibly after waiting.
static inline void signflip_set_up(void) {
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  scrollok(stdscr, FALSE);
  // Terminals disagree about the background of the cells that a deletion of characters uncovers.
  idcok(stdscr, FALSE);
  typeahead(-1);
  def_shell_mode();
}

/// Places the cursor and writes the changes to the terminal.
static inline void signflip_update(int y, int x) {
  wmove(stdscr, y, x);
  wrefresh(stdscr);
}

/// Makes the next update redraw the whole screen.
static inline void signflip_repaint(void) { clearok(curscr, TRUE); }

/// Restores the terminal modes that ncurses set last.
static inline void signflip_restore_modes(void) { reset_prog_mode(); }

/// Clears the screen.
static inline void signflip_erase(void) { werase(stdscr); }

/// The numbers of colours and colour pairs.
static inline int signflip_colors(void) { return COLORS; }
static inline int signflip_pairs(void) { return COLOR_PAIRS; }

/// The terminal's string capability of this name; NULL if it has none.
static inline const char *signflip_capability(const char *name) {
  const char *value = tigetstr(name);
  return value == (const char *)-1 ? NULL : value;
}

/// Whether the current locale uses UTF-8.
static inline int signflip_is_utf8(void) {
  const char *name = nl_langinfo(CODESET);
  return name && (name[0] == 'U' || name[0] == 'u');
}

// A POSIX function, which the header only declares with a feature macro that a module can't set.
extern int wcwidth(wchar_t);

/// The width of a glyph in columns for the C library, and so for ncurses; -1 if unknown.
static inline int signflip_columns(unsigned glyph) { return wcwidth((wchar_t)glyph); }

/// Writes a glyph to a cell. Pairs larger than a short are passed by setcchar's last argument.
static inline void signflip_put(int y, int x, unsigned glyph, attr_t attributes, int pair) {
  wchar_t text[2] = {(wchar_t)glyph, 0};
  cchar_t cell;
  if (setcchar(&cell, text, attributes, (short)(pair > 32767 ? 32767 : pair), &pair) == OK)
    // Returns an error for the last cell of the screen, but sets it.
    (void)mvwadd_wch(stdscr, y, x, &cell);
}

/// The character of a byte in the current locale; -1 if there is none.
static inline int signflip_character(int byte) { return (int)btowc(byte); }
