-- What each address of a server outside the cluster carried, row of evidence by row of evidence: the addresses that
-- fold.sql keeps of the same rows, chosen first, so that hours are listed for few. $outside are the numbers of the
-- endpoints that are networks, $sample is the size of samples of addresses.
WITH kept AS (
    SELECT
        client,
        server,
        protocol,
        reported,
        service,
        reporter,
        outcome,
        trace,
        left_out,
        unnest(list_sort(list(DISTINCT server_address))[:$sample]) AS address
    FROM grain
    WHERE list_contains($outside, server) AND client IS NOT NULL AND protocol IS NOT NULL AND server_address.text <> ''
    GROUP BY client, server, protocol, reported, service, reporter, outcome, trace, left_out
)
SELECT
    k.client,
    k.server,
    k.protocol,
    k.reported,
    k.service,
    k.reporter,
    k.outcome,
    k.trace,
    k.left_out,
    k.address.text AS address,
    min(g.first) AS first,
    max(g.last) AS last,
    list_sort(list_distinct(flatten(list(g.hours)))) AS hours,
    sum(g.records) AS records,
    sum(g.connections) AS connections,
    sum(g.packets_in) AS packets_in,
    sum(g.packets_out) AS packets_out,
    sum(g.bytes_in) AS bytes_in,
    sum(g.bytes_out) AS bytes_out
FROM grain AS g
JOIN kept AS k
    ON g.client = k.client AND g.server = k.server AND g.protocol = k.protocol
    AND g.reported IS NOT DISTINCT FROM k.reported AND g.service = k.service AND g.reporter = k.reporter
    AND g.outcome = k.outcome AND g.trace IS NOT DISTINCT FROM k.trace AND g.left_out IS NOT DISTINCT FROM k.left_out
    AND g.server_address = k.address
GROUP BY
    k.client, k.server, k.protocol, k.reported, k.service, k.reporter, k.outcome, k.trace, k.left_out, k.address
ORDER BY
    k.client, k.server, k.protocol, k.reported, k.service, k.reporter, k.outcome, k.trace, k.left_out, address
