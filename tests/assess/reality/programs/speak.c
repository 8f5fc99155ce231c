/* A server of the network outside: sends a marked datagram over the loopback again and again, to itself and to a
   multicast group. Nothing leaves the machine. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
static void send_to(int s, const char *address) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(7777)};
  inet_pton(AF_INET, address, &to.sin_addr);
  sendto(s, "mark of reality", 15, 0, (struct sockaddr *)&to, sizeof to);
}
int main(void) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
  if (setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback) < 0) { perror("multicast"); return 1; }
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < 6000; i++) {
    send_to(s, "127.0.0.1");
    send_to(s, "239.77.77.77");
    usleep(20000);
  }
  return 0;
}
