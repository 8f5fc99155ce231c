/* message SIZE: sends one message of this size to a queue of System V. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
int main(int argc, char **argv) {
  size_t size = atol(argv[1]);
  long *message = calloc(1, sizeof(long) + size);
  int id = msgget(IPC_PRIVATE, 0600);
  message[0] = 1;
  if (argc != 2 || id < 0 || msgsnd(id, message, size, IPC_NOWAIT) < 0) { perror("msgsnd"); return 1; }
  return msgctl(id, IPC_RMID, NULL);
}
