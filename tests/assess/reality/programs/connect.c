/* connect ADDRESS PORT: a client. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  inet_pton(AF_INET, argv[1], &there.sin_addr);
  if (connect(s, (struct sockaddr *)&there, sizeof there) < 0) { perror("connect"); return 1; }
  return 0;
}
