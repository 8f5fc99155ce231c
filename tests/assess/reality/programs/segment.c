/* segment make: makes shared memory of System V and stays. segment use: attaches to it. */
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int make = argc > 1 && !strcmp(argv[1], "make");
  int id = shmget(0x0bf00001, make ? 4096 : 0, make ? IPC_CREAT | 0600 : 0);
  if (id < 0) { perror("shmget"); return 1; }
  char *text = shmat(id, NULL, 0);
  if (!make) return strcmp(text, "shared") != 0;
  strcpy(text, "shared");
  puts("ready");
  fflush(stdout);
  sleep(120);
  return 0;
}
