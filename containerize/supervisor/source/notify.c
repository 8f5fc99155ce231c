/* The socket of sd_notify(3), with an abstract address that the kernel chooses: no file, no permissions. */
#include "supervisor.h"

int notified_ready;
pid_t notified_main;
static int fd = -1;
static char address[64];

int notify_socket(void) { return fd; }
const char *notify_address(void) { return address; }

void open_notify(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t size = sizeof name;
    int on = 1;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name.sun_family) < 0 ||
        getsockname(fd, (struct sockaddr *)&name, &size) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        give_up(STATUS_CANNOT_RUN, "cannot open the socket for notices of readiness: %s", error_text(errno));
    size -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
    memcpy(address, name.sun_path, size);
    address[0] = '@';
    address[size] = 0;
}

static void take_line(char *line, pid_t sender)
{
    unsigned long long pid;
    if (!strcmp(line, "READY=1"))
        notified_ready = 1;
    else if (!strncmp(line, "MAINPID=", 8) && to_number(line + 8, 10, 1 << 30, &pid) && pid > 1 &&
             ((pid_t)pid == sender || is_descendant((pid_t)pid)))
        notified_main = (pid_t)pid;
}

/* Take all messages. Only those of root and of the service's account count, and only from within this container. */
void read_notify(unsigned uid)
{
    char text[4096];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * 253)];
    } control;
    for (int message = 0; message < 64; message++) {
        struct iovec part = {text, sizeof text - 1};
        struct msghdr to = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        struct ucred sender = {0, 0, 0};
        ssize_t size = recvmsg(fd, &to, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (size < 0)
            return;
        for (struct cmsghdr *each = CMSG_FIRSTHDR(&to); each; each = CMSG_NXTHDR(&to, each)) {
            if (each->cmsg_level != SOL_SOCKET)
                continue;
            if (each->cmsg_type == SCM_CREDENTIALS)
                memcpy(&sender, CMSG_DATA(each), sizeof sender);
            if (each->cmsg_type == SCM_RIGHTS)
                /* Descriptors to store are not stored; closing them also answers sd_notify_barrier(3). */
                for (size_t at = 0; at < (each->cmsg_len - CMSG_LEN(0)) / sizeof(int); at++)
                    close(((int *)(void *)CMSG_DATA(each))[at]);
        }
        if (sender.pid <= 0 || (sender.uid != 0 && sender.uid != uid && sender.uid != geteuid()))
            continue;
        text[size] = 0;
        for (char *line = text, *end; *line; line = end) {
            end = strchr(line, '\n');
            if (end)
                *end++ = 0;
            else
                end = line + strlen(line);
            take_line(line, sender.pid);
        }
    }
}
