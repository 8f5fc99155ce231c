/* Puts a key into the keyring of its process, as Kerberos does with a cache KEYRING:process. */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  if (syscall(SYS_add_key, "user", "reality", "text", 4, -2) < 0) { perror("add_key"); return 1; }
  return 0;
}
