/* log serve PATH: takes messages as a system log does. log send: connects to /dev/log as syslog(3) does. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sockaddr_un address = {AF_UNIX, "/dev/log"};
  int s = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (argc > 2) {
    strncpy(address.sun_path, argv[2], sizeof address.sun_path - 1);
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0) { perror("bind"); return 1; }
    puts("ready");
    fflush(stdout);
    sleep(120);
    return 0;
  }
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) { perror("/dev/log"); return 1; }
  return send(s, "<14>text", 8, 0) != 8;
}
