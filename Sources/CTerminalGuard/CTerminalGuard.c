#define _GNU_SOURCE
#include "CTerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const int asking[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
static const int ending[] = {SIGSEGV, SIGILL, SIGABRT, SIGTRAP, SIGBUS, SIGFPE};
enum { ASKING = sizeof asking / sizeof *asking, ENDING = sizeof ending / sizeof *ending };
enum { STACK = 64 * 1024 };

static struct sigaction before_asking[ASKING], before_ending[ENDING];
static int installed;

static int input_fd = 0, output_fd = 1;
static int waits_for_input = 1;
static int pipe_fds[2] = {-1, -1};
static struct termios modes;
static int has_modes;

static char restore_bytes[1024];
static size_t restore_length;
static atomic_int is_armed;

static int kept_errors = -1;  // A file in memory that replaces standard error.
static int real_errors = -1;

static atomic_uint flags;
static atomic_int ending_signal;
static atomic_long ending_since;

// A handler must not lock, allocate, print or call Swift. All functions below are async-signal-safe.

static void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(fd, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes += count;
    length -= (size_t)count;
  }
}

static void show_kept_errors(void) {
  if (kept_errors < 0) return;
  char buffer[1024];
  // If the log is long, its end has the reason.
  off_t size = lseek(kept_errors, 0, SEEK_END);
  lseek(kept_errors, size > 16384 ? size - 16384 : 0, SEEK_SET);
  for (;;) {
    ssize_t count = read(kept_errors, buffer, sizeof buffer);
    if (count <= 0) break;
    write_all(real_errors, buffer, (size_t)count);
  }
}

static void restore_terminal(void) {
  if (!atomic_exchange(&is_armed, 0)) return;
  write_all(output_fd, restore_bytes, restore_length);
  signflip_guard_restore_modes();
  show_kept_errors();
}

void signflip_guard_restore_modes(void) {
  if (has_modes) tcsetattr(input_fd, TCSADRAIN, &modes);
}

static void on_ending(int number) {
  int error = errno;
  restore_terminal();
  for (int i = 0; i < ENDING; i++)
    if (ending[i] == number) sigaction(number, &before_ending[i], NULL);
  // The signal is blocked until this handler returns, then its default action follows.
  raise(number);
  errno = error;
}

static void poke(void) {
  char byte = 0;
  // The pipe does not block; a full pipe also wakes the reader.
  if (pipe_fds[1] >= 0) (void)!write(pipe_fds[1], &byte, 1);
}

static void on_asking(int number) {
  int error = errno;
  unsigned flag = 0;
  switch (number) {
  case SIGWINCH: flag = SIGNFLIP_GUARD_RESIZE; break;
  case SIGTSTP: flag = SIGNFLIP_GUARD_STOP; break;
  case SIGCONT: flag = SIGNFLIP_GUARD_CONTINUE; break;
  default: {
    flag = SIGNFLIP_GUARD_END;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int expected = 0;
    if (atomic_compare_exchange_strong(&ending_signal, &expected, number)) {
      atomic_store(&ending_since, (long)now.tv_sec);
    } else if ((long)now.tv_sec - atomic_load(&ending_since) >= 3) {
      // The signal asked for an end seconds ago, and the program is still running: it hangs.
      restore_terminal();
      signal(number, SIG_DFL);
      raise(number);
    }
  }
  }
  atomic_fetch_or(&flags, flag);
  poke();
  errno = error;
}

static void take_stack(void) {
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
  void *memory = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack = {.ss_sp = memory, .ss_size = STACK};
  sigaltstack(&stack, NULL);
}

int signflip_guard_install(int input, int output) {
  if (installed) return EBUSY;
  input_fd = input;
  waits_for_input = 1;
  output_fd = output;
  has_modes = tcgetattr(input, &modes) == 0;
  if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  atomic_store(&flags, 0);
  atomic_store(&ending_signal, 0);
  take_stack();

  struct sigaction action = {.sa_handler = on_asking, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < ASKING; i++) {
    sigaction(asking[i], NULL, &before_asking[i]);
    // These stay ignored if they were ignored at the start, as SIGHUP under nohup.
    if (before_asking[i].sa_handler == SIG_IGN && (asking[i] == SIGHUP || asking[i] == SIGTSTP)) continue;
    sigaction(asking[i], &action, NULL);
  }
  action.sa_handler = on_ending;
  action.sa_flags = SA_ONSTACK;
  for (int i = 0; i < ENDING; i++) sigaction(ending[i], &action, &before_ending[i]);
  installed = 1;
  return 0;
}

void signflip_guard_uninstall(void) {
  if (!installed) return;
  signflip_guard_disarm();
  for (int i = 0; i < ASKING; i++) sigaction(asking[i], &before_asking[i], NULL);
  for (int i = 0; i < ENDING; i++) sigaction(ending[i], &before_ending[i], NULL);
  installed = 0;
}

void signflip_guard_arm(const char *restore, size_t length) {
  atomic_store(&is_armed, 0);
  restore_length = length < sizeof restore_bytes ? length : sizeof restore_bytes;
  memcpy(restore_bytes, restore, restore_length);
  atomic_store(&is_armed, 1);
}

void signflip_guard_disarm(void) { atomic_store(&is_armed, 0); }

unsigned signflip_guard_wait(int milliseconds) {
  struct pollfd ready[2] = {{.fd = waits_for_input ? input_fd : -1, .events = POLLIN}, {.fd = pipe_fds[0], .events = POLLIN}};
  unsigned result = 0;
  if (poll(ready, 2, milliseconds) > 0) {
    if (ready[0].revents & POLLIN) {
      // A terminal that is readable but has no input is closed.
      int available = 0;
      if (ioctl(input_fd, FIONREAD, &available) == 0 && available > 0) result |= SIGNFLIP_GUARD_INPUT;
      else result |= SIGNFLIP_GUARD_GONE;
    } else if (ready[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
      result |= SIGNFLIP_GUARD_GONE;
    }
    if (ready[1].revents & POLLIN) {
      char bytes[64];
      while (read(pipe_fds[0], bytes, sizeof bytes) > 0) {}
    }
  }
  result |= atomic_exchange(&flags, 0);
  return atomic_load(&ending_signal) ? result | SIGNFLIP_GUARD_END : result;
}

void signflip_guard_forget_input(void) { waits_for_input = 0; }

void signflip_guard_wake(void) {
  atomic_fetch_or(&flags, SIGNFLIP_GUARD_WAKE);
  poke();
}

int signflip_guard_ending_signal(void) { return atomic_load(&ending_signal); }

void signflip_guard_stop(void) {
  struct sigaction usual = {.sa_handler = SIG_DFL}, ours;
  sigemptyset(&usual.sa_mask);
  sigaction(SIGTSTP, &usual, &ours);
  sigset_t only, former;
  sigemptyset(&only);
  sigaddset(&only, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &only, &former);
  // Signals the process, not the thread, so that all threads stop.
  kill(getpid(), SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &former, NULL);
  sigaction(SIGTSTP, &ours, NULL);
  atomic_fetch_and(&flags, ~(unsigned)(SIGNFLIP_GUARD_STOP | SIGNFLIP_GUARD_CONTINUE));
}

int signflip_guard_keep_errors(void) {
  if (kept_errors >= 0 || !isatty(2)) return 0;
  int file = memfd_create("stderr", MFD_CLOEXEC);
  if (file < 0) return 0;
  real_errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (real_errors < 0 || dup2(file, 2) < 0) {
    close(file);
    return 0;
  }
  kept_errors = file;
  return 1;
}

void signflip_guard_release_errors(void) {
  if (kept_errors < 0) return;
  dup2(real_errors, 2);
  show_kept_errors();
  close(kept_errors);
  close(real_errors);
  kept_errors = real_errors = -1;
}
