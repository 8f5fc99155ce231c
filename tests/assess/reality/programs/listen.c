/* listen ADDRESS PORT [stay | background]: ends when it listens, or goes on to serve, or does that as a daemon. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  inet_pton(AF_INET, argv[1], &here.sin_addr);
  if (bind(s, (struct sockaddr *)&here, sizeof here) < 0) { perror("bind"); return 1; }
  listen(s, 10);
  puts("ready");
  fflush(stdout);
  if (argc < 4 || (!strcmp(argv[3], "background") && fork())) return 0;
  sleep(120);
  return 0;
}
