// Kills the process before its Nth call of what sending asks of the kernel, counted over all threads: strace's
// injection counts each thread for itself, and every step of ours has a thread of its own.
//
//   clang -shared -fPIC -o kill-at.so kill-at.c -ldl
//   KILL_AT=120 LD_PRELOAD=./kill-at.so intake outbox --flush      KILL_NAMES=FILE: what they are
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static const char *names[100000];

static void step(const char *name) {
  static atomic_long at = -1;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (number <= 100000) names[number - 1] = name;
  if (at < 0) {
    const char *text = getenv("KILL_AT");
    at = text ? atol(text) : 0;
  }
  if (number != at) return;
  const char *file = getenv("KILL_NAME");
  FILE *out = file ? fopen(file, "w") : NULL;
  if (out) { fputs(name, out); fclose(out); }
  kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void report(void) {
  const char *file = getenv("KILL_NAMES");
  FILE *out = file ? fopen(file, "w") : NULL;
  if (!out) return;
  for (long i = 0; i < calls && i < 100000; i++) fprintf(out, "%s\n", names[i]);
  fclose(out);
}

#define WRAP(result, name, parameters, arguments)                                   \
  result name parameters {                                                          \
    static result(*real) parameters;                                                \
    if (!real) real = (result(*) parameters)dlsym(RTLD_NEXT, #name);                \
    step(#name);                                                                    \
    return real arguments;                                                          \
  }

WRAP(int, renameat2, (int a, const char *b, int c, const char *d, unsigned e), (a, b, c, d, e))
WRAP(int, fsync, (int a), (a))
WRAP(int, fdatasync, (int a), (a))
WRAP(int, link, (const char *a, const char *b), (a, b))
WRAP(int, linkat, (int a, const char *b, int c, const char *d, int e), (a, b, c, d, e))
WRAP(int, unlink, (const char *a), (a))
WRAP(int, symlink, (const char *a, const char *b), (a, b))
WRAP(int, flock, (int a, int b), (a, b))
WRAP(int, connect, (int a, const struct sockaddr *b, socklen_t c), (a, b, c))
WRAP(ssize_t, send, (int a, const void *b, size_t c, int d), (a, b, c, d))
WRAP(ssize_t, recv, (int a, void *b, size_t c, int d), (a, b, c, d))
WRAP(ssize_t, pwrite64, (int a, const void *b, size_t c, off_t d), (a, b, c, d))
WRAP(int, shutdown, (int a, int b), (a, b))
