-- Fold the raw grain into evidence: only minimum, maximum, integer sum, count and sorted lists, so that the result does
-- not depend on the order or the grouping of what was read. $sample is the size of samples of addresses and names.
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
    min(first) AS first,
    max(last) AS last,
    list_sort(list_distinct(flatten(list(hours)))) AS hours,
    sum(records) AS records,
    sum(connections) AS connections,
    sum(packets_in) AS packets_in,
    sum(packets_out) AS packets_out,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    list_sort(list(DISTINCT client_address) FILTER (WHERE client_address.text <> ''))[:$sample + 1] AS client_addresses,
    bool_and(client_address.text <> '') AS client_addresses_complete,
    list_sort(list(DISTINCT server_address) FILTER (WHERE server_address.text <> ''))[:$sample + 1] AS server_addresses,
    bool_and(server_address.text <> '') AS server_addresses_complete,
    list_sort(list_distinct(flatten(list(domains))))[:$sample + 1] AS domains,
    bool_and(len(domains) > 0) AS domains_complete
FROM grain
WHERE client IS NOT NULL AND server IS NOT NULL AND protocol IS NOT NULL
GROUP BY client, server, protocol, reported, service, reporter, outcome, trace, left_out
ORDER BY client, server, protocol, reported, service, reporter, outcome, trace, left_out
