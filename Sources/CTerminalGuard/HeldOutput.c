#define _GNU_SOURCE
#include "CTerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

// ncurses writes to a separate descriptor. It refers to the terminal, or to a file in memory while output is held.

static int terminal_fd = -1, stand_in = -1, memory = -1;

int signflip_output_open(int terminal) {
  if (stand_in < 0) stand_in = fcntl(terminal, F_DUPFD_CLOEXEC, 3);
  else if (dup3(terminal, stand_in, O_CLOEXEC) < 0) return -1;
  if (memory < 0) memory = memfd_create("output", MFD_CLOEXEC);
  terminal_fd = terminal;
  return stand_in;
}

int signflip_output_hold(void) {
  if (memory < 0 || stand_in < 0) return 0;
  if (lseek(memory, 0, SEEK_SET) != 0 || ftruncate(memory, 0) != 0) return 0;
  return dup3(memory, stand_in, O_CLOEXEC) >= 0;
}

size_t signflip_output_release(void) {
  while (dup3(terminal_fd, stand_in, O_CLOEXEC) < 0 && (errno == EINTR || errno == EBUSY)) {}
  off_t length = lseek(memory, 0, SEEK_END);
  return length > 0 ? (size_t)length : 0;
}

size_t signflip_output_read(char *bytes, size_t capacity) {
  ssize_t count = pread(memory, bytes, capacity, 0);
  return count > 0 ? (size_t)count : 0;
}
