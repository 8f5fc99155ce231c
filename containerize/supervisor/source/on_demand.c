/* Services of inetd and of sockets with Accept=yes: instances that start with traffic. */
#include "supervisor.h"

enum { MOST_REPORTED = 3, AT_A_TIME = 32 };

static struct {
    pid_t pid;
    struct passed_socket *socket; /* that it has until it ends: style "inetd-wait" */
} instances[MOST_INSTANCES];
static unsigned running, started, failures;
static long long window;
static const struct service *served;

static void take_end(pid_t pid, int status)
{
    for (unsigned at = 0; at < running; at++) {
        if (instances[at].pid != pid)
            continue;
        if (instances[at].socket)
            instances[at].socket->busy = 0;
        instances[at] = instances[--running];
        if (exit_status(status) && failures++ < MOST_REPORTED)
            report("%s: an instance ended with status %d", served->name, exit_status(status));
        return;
    }
}

static int may_start(void)
{
    if (now() - window >= 1000) {
        window = now();
        started = 0;
    }
    return running < served->instances && started < served->instances_per_second;
}

static void start_instance(struct passing *passing, struct passed_socket *socket)
{
    static int quiet;
    passing->quiet = quiet;
    quiet = 1;
    pid_t pid = start_process(served, served->start, passing);
    if (pid < 0) {
        started = served->instances_per_second; /* a pause */
        return;
    }
    instances[running].pid = pid;
    instances[running++].socket = socket;
    started++;
    if (socket)
        socket->busy = 1;
}

/* The peer's address for REMOTE_ADDR; "" for a Unix socket. */
static void describe(const struct sockaddr_in6 *peer, char *address, size_t size, char *port, size_t port_size)
{
    const unsigned char *bytes = peer->sin6_addr.s6_addr;
    size_t at = 0;
    static const unsigned char mapped[12] = {[10] = 255, [11] = 255};
    int is_mapped = peer->sin6_family == AF_INET6;
    for (int byte = 0; byte < 12; byte++)
        is_mapped = is_mapped && bytes[byte] == mapped[byte];
    *address = 0;
    if (peer->sin6_family == AF_INET || is_mapped) {
        const unsigned char *four = is_mapped ? bytes + 12 : (const unsigned char *)&peer->sin6_flowinfo;
        format(address, size, "%d.%d.%d.%d", four[0], four[1], four[2], four[3]);
    } else if (peer->sin6_family == AF_INET6) {
        for (int byte = 0; byte < 16; byte++) {
            char digits[3] = {"0123456789abcdef"[bytes[byte] >> 4], "0123456789abcdef"[bytes[byte] & 15], 0};
            at += format(address + at, size - at, "%s%s", byte && byte % 2 == 0 ? ":" : "", digits);
        }
    }
    format(port, port_size, "%d", ntohs(peer->sin6_port));
}

static void take_connections(struct passed_socket *socket)
{
    for (int taken = 0; taken < AT_A_TIME && may_start(); taken++) {
        struct sockaddr_in6 peer = {.sin6_family = AF_UNSPEC};
        socklen_t size = sizeof peer;
        char address[64], port[8];
        int connection = accept4(socket->fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
        if (connection < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                started = served->instances_per_second;
            return;
        }
        struct passing passing = {.standard = -1};
        describe(&peer, address, sizeof address, port, sizeof port);
        if (*address) {
            passing.remote_address = address;
            passing.remote_port = port;
        }
        if (served->style == ACCEPT_FDS) {
            passing.fds = &connection;
            passing.count = 1;
            passing.names = "connection";
        } else {
            passing.standard = connection;
            passing.both_ways = 1;
        }
        start_instance(&passing, 0);
        close(connection);
    }
}

/* Until a stop is requested. Connections above the limits wait in the queue of the kernel. */
void serve_connections(const struct service *service)
{
    struct awaited awaited[MOST_SOCKETS];
    served = service;
    on_child_end = take_end;
    while (!stop_requested) {
        int count = 0, may = may_start();
        for (struct passed_socket *each = service->sockets; each; each = each->next)
            awaited[count++] = (struct awaited){may && !each->busy ? each->fd : -1, 0};
        step(may || running >= service->instances ? -1 : window + 1000, awaited, count);
        count = 0;
        for (struct passed_socket *each = service->sockets; each && !stop_requested; each = each->next) {
            if (!awaited[count++].ready || !may_start())
                continue;
            struct passing passing = {.standard = each->fd};
            if (service->style == INETD_WAIT)
                start_instance(&passing, each);
            else
                take_connections(each);
        }
    }
}
