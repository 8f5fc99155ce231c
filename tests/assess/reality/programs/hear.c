/* hear frames: waits with a packet socket, as a sniffer does. hear group: waits as a member of a multicast group. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
int main(int argc, char **argv) {
  int frames = argc > 1 && !strcmp(argv[1], "frames"), on = 1, s;
  if (frames) {
    s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  } else {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(7777)};
    struct ip_mreq group = {{inet_addr("239.77.77.77")}, {htonl(INADDR_LOOPBACK)}};
    here.sin_addr = group.imr_multiaddr;
    s = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&here, sizeof here) < 0) { perror("bind"); return 2; }
    if (setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) < 0) { perror("join"); return 2; }
  }
  if (s < 0) { perror("socket"); return 2; }
  struct timeval wait = {1, 0};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  char frame[65536];
  for (time_t end = time(NULL) + 2; time(NULL) < end;) {
    ssize_t n = recv(s, frame, sizeof frame, 0);
    if (n > 0 && memmem(frame, n, "mark of reality", 15)) { puts("heard it"); return 0; }
  }
  puts("heard nothing");
  return 1;
}
