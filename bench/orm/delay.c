/* A network that is one round trip further away: accepts connections on 127.0.0.1:PORT, passes bytes to and from
 * 127.0.0.1:TARGET, and holds everything that the client says for DELAY_US first.
 *   bench_orm_delay PORT TARGET DELAY_US */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Passes what is there; false at the end of the connection. */
static int pass(int from, int to)
{
    char bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes);
    for (ssize_t done = 0; done < n;) {
        ssize_t wrote = write(to, bytes + done, (size_t)(n - done));
        if (wrote <= 0)
            return 0;
        done += wrote;
    }
    return n > 0;
}

static void serve(int client, int target_port, long delay_us)
{
    int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = loopback(target_port);
    if (server < 0 || connect(server, (struct sockaddr *)&to, sizeof to) != 0)
        return;
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct pollfd fds[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    struct timespec delay = {delay_us / 1000000, delay_us % 1000000 * 1000};
    for (int alive = 1; alive && poll(fds, 2, -1) > 0;) {
        if (fds[0].revents) {
            nanosleep(&delay, NULL);
            alive = pass(client, server);
        }
        if (alive && fds[1].revents)
            alive = pass(server, client);
    }
    close(server);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: bench_orm_delay PORT TARGET DELAY_US\n", stderr);
        return 2;
    }
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = loopback(atoi(argv[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 8) != 0) {
        perror("bench_orm_delay");
        return 1;
    }
    for (;;) { /* one client after another */
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            return 1;
        serve(client, atoi(argv[2]), atol(argv[3]));
        close(client);
    }
}
