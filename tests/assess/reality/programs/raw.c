/* Opens a raw socket of VRRP, as keepalived does. */
#include <stdio.h>
#include <sys/socket.h>
int main(void) {
  if (socket(AF_INET, SOCK_RAW, 112) < 0) { perror("socket"); return 1; }
  return 0;
}
