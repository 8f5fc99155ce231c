/* The kernel's calls under their POSIX names, the start of the program, and the few functions of <string.h>.
 *
 * The supervisor is linked with no C library, so that it needs nothing of the image and compiles in a moment. Types and
 * constants come from the headers that the compiler ships. Numbers of calls and layouts are those of Linux 3.17 and
 * later; calls that a kernel may lack return ENOSYS, and their callers have another way.
 */
#include "supervisor.h"

static int last_error;
int *__errno_location(void) { return &last_error; }

#if defined(__x86_64__)
static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(".text\n.globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n hlt\n");
#elif defined(__aarch64__)
static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
__asm__(".text\n.globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl begin\n");
#else
#error "x86-64 and arm64 only"
#endif

char **environ;

/* The kernel puts argc, argv, a null, the environment and a null on the stack. */
__attribute__((used)) void begin(long *stack)
{
    int count = (int)stack[0];
    char **words = (char **)(stack + 1);
    environ = words + count + 1;
    _exit(main(count, words));
}

static long checked(long result)
{
    if (result < 0 && result > -4096) {
        last_error = (int)-result;
        return -1;
    }
    return result;
}

#define CALL(number, a, b, c, d, e, f) \
    checked(call6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))

ssize_t read(int fd, void *to, size_t size) { return CALL(SYS_read, fd, to, size, 0, 0, 0); }
ssize_t write(int fd, const void *from, size_t size) { return CALL(SYS_write, fd, from, size, 0, 0, 0); }
int close(int fd) { return (int)CALL(SYS_close, fd, 0, 0, 0, 0, 0); }
int dup3(int from, int to, int flags) { return (int)CALL(SYS_dup3, from, to, flags, 0, 0, 0); }
int pipe2(int ends[2], int flags) { return (int)CALL(SYS_pipe2, ends, flags, 0, 0, 0, 0); }
pid_t getpid(void) { return (pid_t)CALL(SYS_getpid, 0, 0, 0, 0, 0, 0); }
pid_t getppid(void) { return (pid_t)CALL(SYS_getppid, 0, 0, 0, 0, 0, 0); }
uid_t geteuid(void) { return (uid_t)CALL(SYS_geteuid, 0, 0, 0, 0, 0, 0); }
gid_t getegid(void) { return (gid_t)CALL(SYS_getegid, 0, 0, 0, 0, 0, 0); }
int getgroups(int size, gid_t *groups) { return (int)CALL(SYS_getgroups, size, groups, 0, 0, 0, 0); }
int setgroups(size_t size, const gid_t *groups) { return (int)CALL(SYS_setgroups, size, groups, 0, 0, 0, 0); }
int setresuid(uid_t r, uid_t e, uid_t s) { return (int)CALL(SYS_setresuid, r, e, s, 0, 0, 0); }
int setresgid(gid_t r, gid_t e, gid_t s) { return (int)CALL(SYS_setresgid, r, e, s, 0, 0, 0); }
pid_t setsid(void) { return (pid_t)CALL(SYS_setsid, 0, 0, 0, 0, 0, 0); }
mode_t umask(mode_t mask) { return (mode_t)CALL(SYS_umask, mask, 0, 0, 0, 0, 0); }
int chdir(const char *path) { return (int)CALL(SYS_chdir, path, 0, 0, 0, 0, 0); }
int fchdir(int fd) { return (int)CALL(SYS_fchdir, fd, 0, 0, 0, 0, 0); }
int kill(pid_t pid, int signal) { return (int)CALL(SYS_kill, pid, signal, 0, 0, 0, 0); }
pid_t fork(void) { return (pid_t)CALL(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0); }
int fstat(int fd, struct stat *to) { return (int)CALL(SYS_fstat, fd, to, 0, 0, 0, 0); }
int mkdirat(int at, const char *path, mode_t mode) { return (int)CALL(SYS_mkdirat, at, path, mode, 0, 0, 0); }
int unlinkat(int at, const char *path, int flags) { return (int)CALL(SYS_unlinkat, at, path, flags, 0, 0, 0); }
int socket(int family, int type, int protocol) { return (int)CALL(SYS_socket, family, type, protocol, 0, 0, 0); }
int listen(int fd, int backlog) { return (int)CALL(SYS_listen, fd, backlog, 0, 0, 0, 0); }
ssize_t recvmsg(int fd, struct msghdr *to, int flags) { return CALL(SYS_recvmsg, fd, to, flags, 0, 0, 0); }
int clock_gettime(clockid_t clock, struct timespec *to) { return (int)CALL(SYS_clock_gettime, clock, to, 0, 0, 0, 0); }
int open_process(pid_t pid) { return (int)CALL(SYS_pidfd_open, pid, 0, 0, 0, 0, 0); }
int set_capabilities(void *header, const void *sets) { return (int)CALL(SYS_capset, header, sets, 0, 0, 0, 0); }
int get_capabilities(void *header, void *sets) { return (int)CALL(SYS_capget, header, sets, 0, 0, 0, 0); }
int set_priority(int nice) { return (int)CALL(SYS_setpriority, 0, 0, nice, 0, 0, 0); }
long read_directory(int fd, void *to, size_t size) { return CALL(SYS_getdents64, fd, to, size, 0, 0, 0); }

int close_on_exec_from(int first)
{
    return (int)CALL(SYS_close_range, first, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */, 0, 0, 0);
}

_Noreturn void _exit(int status)
{
    for (;;)
        CALL(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

int execve(const char *program, char *const arguments[], char *const variables[])
{
    return (int)CALL(SYS_execve, program, arguments, variables, 0, 0, 0);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return (pid_t)CALL(SYS_wait4, pid, status, options, 0, 0, 0);
}

int waitid(idtype_t type, id_t id, siginfo_t *to, int options)
{
    return (int)CALL(SYS_waitid, type, id, to, options, 0, 0);
}

int fstatat(int at, const char *path, struct stat *to, int flags)
{
    return (int)CALL(SYS_newfstatat, at, path, to, flags, 0, 0);
}

ssize_t readlinkat(int at, const char *path, char *to, size_t size)
{
    return CALL(SYS_readlinkat, at, path, to, size, 0, 0);
}

int fchownat(int at, const char *path, uid_t uid, gid_t gid, int flags)
{
    return (int)CALL(SYS_fchownat, at, path, uid, gid, flags, 0);
}

/* The kernel's call has no flags: callers pass 0, and only "." or names that they have just made. */
int fchmodat(int at, const char *path, mode_t mode, int flags)
{
    return (int)CALL(SYS_fchmodat, at, path, mode, flags, 0, 0);
}

int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return (int)CALL(SYS_bind, fd, address, size, 0, 0, 0);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
    return (int)CALL(SYS_getsockname, fd, address, size, 0, 0, 0);
}

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return (int)CALL(SYS_accept4, fd, address, size, flags, 0, 0);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    return (int)CALL(SYS_setsockopt, fd, level, name, value, size, 0);
}

int open(const char *path, int flags, ...) { return openat(AT_FDCWD, path, flags, 0); }

int openat(int at, const char *path, int flags, ...)
{
    return (int)CALL(SYS_openat, at, path, flags, 0, 0, 0);
}

int fcntl(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    long value = va_arg(rest, long);
    va_end(rest);
    return (int)CALL(SYS_fcntl, fd, command, value, 0, 0, 0);
}

int prctl(int option, ...)
{
    va_list rest;
    va_start(rest, option);
    unsigned long a = va_arg(rest, unsigned long), b = va_arg(rest, unsigned long);
    va_end(rest);
    return (int)CALL(SYS_prctl, option, a, b, 0, 0, 0);
}

int getrlimit(int resource, struct rlimit *to) { return (int)CALL(SYS_prlimit64, 0, resource, 0, to, 0, 0); }

int setrlimit(int resource, const struct rlimit *from)
{
    return (int)CALL(SYS_prlimit64, 0, resource, from, 0, 0, 0);
}

int block_signals(unsigned long long mask) { return (int)CALL(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, 8, 0, 0); }

int open_signals(unsigned long long mask) { return (int)CALL(SYS_signalfd4, -1, &mask, 8, O_CLOEXEC | O_NONBLOCK, 0, 0); }

/* The kernel's own structure: handler, flags, restorer, mask. */
int set_disposition(int signal, int ignored)
{
    unsigned long action[4] = {ignored ? 1UL : 0UL, 0, 0, 0};
    return (int)CALL(SYS_rt_sigaction, signal, action, 0, 8, 0, 0);
}

/* Milliseconds below 0 wait for ever. */
int wait_for_events(struct pollfd *polled, unsigned count, long milliseconds)
{
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    return (int)CALL(SYS_ppoll, polled, count, milliseconds < 0 ? 0 : &limit, 0, 8, 0);
}

/* Both processors are little-endian, the network is not. */
uint16_t htons(uint16_t number) { return (uint16_t)(number << 8 | number >> 8); }
uint16_t ntohs(uint16_t number) { return htons(number); }

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    for (size_t at = 0; at < size; at++)
        ((char *)to)[at] = ((const char *)from)[at];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    for (size_t at = 0; at < size; at++)
        ((char *)to)[at] = (char)byte;
    return to;
}

size_t strlen(const char *text)
{
    size_t size = 0;
    while (text[size])
        size++;
    return size;
}

int strcmp(const char *one, const char *other)
{
    while (*one && *one == *other)
        one++, other++;
    return (unsigned char)*one - (unsigned char)*other;
}

int strncmp(const char *one, const char *other, size_t size)
{
    for (; size; one++, other++, size--)
        if (*one != *other || !*one)
            return (unsigned char)*one - (unsigned char)*other;
    return 0;
}

char *strchr(const char *text, int wanted)
{
    for (; *text != (char)wanted; text++)
        if (!*text)
            return 0;
    return (char *)text;
}
