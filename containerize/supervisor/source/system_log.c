/* /dev/log, for services that report to the system log only: their messages go to the container's log. */
#include "supervisor.h"

static int fd = -1;
static char last[512];

int system_log(void) { return fd; }
const char *last_logged(void) { return last; }

/* Only where there is nothing, or what an earlier run left. Without it services run, and their messages are lost. */
void open_system_log(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    struct stat facts;
    if (fstatat(AT_FDCWD, "/dev/log", &facts, AT_SYMLINK_NOFOLLOW) == 0)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    umask(0111);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        fd = -1;
    }
    umask(0);
}

/* In the keeper of a service: the first process reads. */
void forget_system_log(void)
{
    if (fd >= 0)
        close(fd);
    fd = -1;
}

/* "<30>Dec  1 16:00:00 slapd[12]: text" becomes "slapd[12]: text". */
static char *message_of(char *text)
{
    if (*text == '<') {
        char *end = strchr(text, '>');
        if (end && end - text <= 5)
            text = end + 1;
    }
    if (strlen(text) > 16 && text[3] == ' ' && text[6] == ' ' && text[9] == ':' && text[12] == ':' && text[15] == ' ')
        text += 16;
    return text;
}

void read_system_log(void)
{
    char text[8192];
    for (int message = 0; message < 64; message++) {
        struct iovec part = {text, sizeof text - 2};
        struct msghdr to = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t size = recvmsg(fd, &to, MSG_DONTWAIT);
        if (size < 0)
            return;
        while (size > 0 && (text[size - 1] == '\n' || !text[size - 1]))
            size--;
        text[size] = 0;
        for (ssize_t at = 0; at < size; at++)
            if ((unsigned char)text[at] < ' ' || text[at] == 127)
                text[at] = ' ';
        char *line = message_of(text);
        if (!*line)
            continue;
        format(last, sizeof last, "%s", line);
        size_t length = strlen(line);
        line[length] = '\n';
        if (write(1, line, length + 1) < 0)
            return;
    }
}
