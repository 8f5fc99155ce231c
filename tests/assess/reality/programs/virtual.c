/* Opens a socket to the hypervisor (AF_VSOCK). */
#include <stdio.h>
#include <sys/socket.h>
int main(void) {
  if (socket(AF_VSOCK, SOCK_STREAM, 0) < 0) { perror("socket"); return 1; }
  return 0;
}
