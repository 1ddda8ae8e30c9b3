-- Place each group of a unit on an edge: texts become the numbers of dictionaries, and every reason a record gives itself
-- to be left out is named, the first that applies. A group that no edge can hold keeps a NULL side or protocol.
INSERT INTO grain
SELECT
    g.agreement,
    c.endpoint AS client,
    s.endpoint AS server,
    p.name AS protocol,
    CASE
        WHEN p.ported AND g.dest_port BETWEEN 1 AND 65535 THEN g.dest_port
        WHEN p.typed AND g.dest_port >= 256 AND g.dest_port < 65280 THEN g.dest_port
    END AS reported,
    v.service,
    CASE g.reporter WHEN 'src' THEN 'Source' WHEN 'dst' THEN 'Destination' ELSE 'Unknown' END AS reporter,
    CASE WHEN g.stated_outcome <> '' THEN g.stated_outcome ELSE t.outcome END AS outcome,
    t.trace,
    CASE
        WHEN g.reason <> '' THEN g.reason
        WHEN p.name IS NULL THEN 'unknown-protocol'
        WHEN c.reason <> '' THEN c.reason
        WHEN s.reason <> '' THEN s.reason
        WHEN g.source_type = 'wep' AND g.dest_type = 'wep' AND c.address = s.address AND c.address <> ''
            THEN 'self-loop'
        WHEN p.ported AND (g.dest_port IS NULL OR g.dest_port NOT BETWEEN 1 AND 65535) THEN 'port-not-reported'
        WHEN g.silent AND (CASE WHEN g.stated_outcome <> '' THEN g.stated_outcome ELSE t.outcome END) = 'Denied'
            THEN 'zero-counter-denial'
        WHEN (CASE WHEN g.stated_outcome <> '' THEN g.stated_outcome ELSE t.outcome END) = 'Unknown'
            THEN 'outcome-unknown'
    END AS left_out,
    c.written AS client_text,
    s.written AS server_text,
    g.protocol AS protocol_text,
    {'rank': c.address_rank, 'text': c.address} AS client_address,
    {'rank': s.address_rank, 'text': s.address} AS server_address,
    d.names AS domains,
    g.first,
    g.last,
    list_sort(list_distinct(list_transform(g.moments, lambda moment: moment.at >> 24))) AS hours,
    g.records,
    g.connections,
    g.packets_in,
    g.packets_out,
    g.bytes_in,
    g.bytes_out
FROM unit_group AS g
JOIN protocol_text AS p ON p.text = g.protocol
JOIN service_text AS v
    ON v.namespace = g.service_namespace AND v.name = g.service_name AND v.port = g.service_port
JOIN policies_text AS t ON t.text = g.policies
JOIN domains_text AS d ON d.text = g.domains
JOIN sighting AS c
    ON c.type = g.source_type AND c.namespace = g.source_namespace AND c.name = g.source_name
    AND c.name_aggr = g.source_name_aggr AND c.owner = g.source_owner AND c.labels = g.source_labels
    AND c.written_address = g.source_address AND c.early = g.source_early
JOIN sighting AS s
    ON s.type = g.dest_type AND s.namespace = g.dest_namespace AND s.name = g.dest_name
    AND s.name_aggr = g.dest_name_aggr AND s.owner = g.dest_owner AND s.labels = g.dest_labels
    AND s.written_address = g.dest_address AND s.early = g.dest_early
WHERE NOT g.broken
