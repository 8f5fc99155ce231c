/* What the files of the supervisor share: the services as they are read, and the functions of each file. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_BROKEN_SPEC = 78, STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };
enum { MOST_SERVICES = 32, MOST_WORDS = 4096, MOST_SOCKETS = 32, MOST_INSTANCES = 1024, MOST_GROUPS = 256 };
enum { FIRST_PASSED = 3 };

enum kind { SIMPLE, NOTIFY, FORKING, ONESHOT };
enum kill_mode { KILL_GROUP, KILL_MIXED, KILL_PROCESS, KILL_NONE };
enum protocol { TCP, UDP, UNIX_STREAM, UNIX_DGRAM, UNIX_SEQPACKET };
enum style { LISTEN_FDS, ACCEPT_FDS, INETD_WAIT, INETD_NOWAIT };

struct command {
    struct command *next;
    char *program;
    char **arguments;
    int ignore_failure, as_root;
};

struct directory {
    struct directory *next;
    char *path;
    unsigned uid, gid, mode;
    int emptied;
};

struct passed_socket {
    struct passed_socket *next;
    enum protocol protocol;
    char *address, *path, *name;
    unsigned port, mode, uid, gid;
    int ipv6_only;
    int fd;
    int busy;       /* the instance of style "inetd-wait" that has it */
};

struct limit {
    struct limit *next;
    int resource;
    char *name;
    struct rlimit values;
};

/* A variable to set, or without a value one to remove or to take over. */
struct variable {
    struct variable *next;
    char *name, *value;
};

struct service {
    char *name;
    enum kind kind;
    enum kill_mode kill_mode;
    enum style style;
    int remain_after_exit, ignore_sigpipe, nice, stop_signal;
    struct command *pre, *start, *post, *stop, *post_stop;
    char *pid_file, *executable, *working_directory;
    unsigned uid, gid, groups[MOST_GROUPS], group_count;
    unsigned umask;
    struct variable *environment, *secrets, *unset;
    struct limit *limits;
    struct directory *directories;
    struct passed_socket *sockets;
    unsigned instances, instances_per_second;
    unsigned long long ambient, bounding;
    int has_bounding;
    long start_seconds, stop_seconds;
};

struct spec {
    int count, system_log;
    struct service services[MOST_SERVICES];
};

/* An entry of a directory, as the kernel returns it. */
struct entry {
    unsigned long long number;
    long long next;
    unsigned short size;
    unsigned char type;
    char name[];
};

extern struct spec spec;
extern char **environ;
int main(int count, char **words);

/* system.c */
int open_process(pid_t pid);
int set_capabilities(void *header, const void *sets);
int get_capabilities(void *header, void *sets);
int set_priority(int nice);
long read_directory(int fd, void *to, size_t size);
int close_on_exec_from(int first);
int block_signals(unsigned long long mask);
int open_signals(unsigned long long mask);
int set_disposition(int signal, int ignored);
int wait_for_events(struct pollfd *polled, unsigned count, long milliseconds);

/* text.c */
void *allocate(size_t size);
char *join(const char *one, const char *two, const char *three);
size_t format(char *to, size_t size, const char *form, ...);
size_t format_list(char *to, size_t size, const char *form, va_list values);
void format_number(char *to, unsigned long long number);
int to_number(const char *text, int base, unsigned long long most, unsigned long long *to);
const char *error_text(int error);

/* report.c */
void open_report(void);
void report(const char *form, ...);
_Noreturn void give_up(int status, const char *form, ...);
long long now(void);
void report_end(const char *name, int status, long long since);
int exit_status(int status);

/* spec_lines.c, spec_settings.c */
void read_spec(const char *path);
void parse_spec(char *text, size_t size);
void apply_setting(int line, int count, char **words);
void check_services(void);
_Noreturn void bad_line(int line, const char *problem, const char *word);

/* directories.c */
int enter_directory(const char *path, int make);
int enter_parent(const char *path, const char **last);
void make_directory(const struct service *service, const struct directory *directory);
void remove_file(const char *path, mode_t kind);

/* sockets.c */
void open_sockets(struct service *service);

/* system_log.c */
void open_system_log(void);
void forget_system_log(void);
int system_log(void);
void read_system_log(void);
const char *last_logged(void);

/* notify.c */
void open_notify(void);
int notify_socket(void);
const char *notify_address(void);
void read_notify(unsigned uid);
extern int notified_ready;
extern pid_t notified_main;

/* process.c */
struct passing {
    const int *fds;     /* passed from descriptor 3 on */
    int count;
    int standard;       /* the socket that becomes 0, or 0 to 2; -1 for none */
    int both_ways;      /* it is 1 and 2 as well */
    const char *names;  /* LISTEN_FDNAMES */
    const char *remote_address, *remote_port;
    pid_t main;         /* MAINPID */
    int quiet;          /* an instance of many: what could not be set was reported for the first */
};
pid_t start_process(const struct service *service, const struct command *command, const struct passing *passing);

/* children.c */
int is_descendant(pid_t pid);
int is_alive(pid_t pid);
int has_children(void);
pid_t oldest_child(const char *executable);
int signal_descendants(int signal);
pid_t read_pid_file(const char *path);

/* events.c */
struct awaited {
    int fd, ready;
};
enum { RAN_OUT = -1, INTERRUPTED = -2 };
extern int stop_requested, main_ended, main_status, last_orphan_status;
extern pid_t main_process;
extern void (*on_child_end)(pid_t pid, int status); /* in place of following a main process */
void prepare_events(const struct service *service);
void follow(pid_t pid);
void step(long long deadline, struct awaited *awaited, int count);
int await_command(const struct command *command, const struct passing *passing, long seconds, int until_stop, pid_t *pid);
int run_command(const struct command *command, const char *when, long seconds, int until_stop);

/* service.c, stop.c, on_demand.c, several.c */
int run_service(struct service *service, int ready);
void stop_service(const struct service *service, int started);
void serve_connections(const struct service *service);
int run_several(void);
