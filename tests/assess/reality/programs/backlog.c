/* backlog N: listens with a queue of N connections and looks how long the kernel made it (see tcp(7), TCP_INFO). */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  unsigned wanted = atoi(argv[argc - 1]);
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (listen(s, wanted) < 0 || getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) { perror("listen"); return 2; }
  /* Of a listening socket this field is the length of its queue. */
  if (info.tcpi_sacked < wanted) { printf("the queue was cut to %u\n", info.tcpi_sacked); return 1; }
  return 0;
}
