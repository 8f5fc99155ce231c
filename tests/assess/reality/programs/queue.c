/* queue make: makes a message queue of POSIX and stays. queue use: sends to it. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int make = argc > 1 && !strcmp(argv[1], "make");
  struct mq_attr size = {.mq_maxmsg = 4, .mq_msgsize = 64};
  mqd_t queue = mq_open("/reality", O_RDWR | (make ? O_CREAT : 0), 0600, make ? &size : NULL);
  if (queue == (mqd_t)-1) { perror("mq_open"); return 1; }
  if (!make) return mq_send(queue, "text", 4, 0) != 0;
  puts("ready");
  fflush(stdout);
  sleep(120);
  return 0;
}
