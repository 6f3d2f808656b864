import { type ClientOptions, LdpClient, protocolPrint } from './client.ts';
import { designOf, deviationsOf, type LdpOptions } from './protocol.ts';
import { LdpServer } from './server.ts';

/** A protocol that people and a server have agreed on. */
export interface LdpProtocol {
  readonly options: LdpOptions;
  /** Fingerprint that identifies the protocol in messages: it depends on everything that reports depend on. */
  readonly print: string;
  /** Standard deviation of the noise in the mean of this many people's products, or of a round's gradients. */
  noiseStd(people: number): { readonly matrix: number; readonly vector: number };
  /** The side of the people: makes reports from people's data, by default with noise from a cryptographic source. */
  client(options?: ClientOptions): LdpClient;
  /** The side of the server: computes an estimate from reports. */
  server(): LdpServer;
}

/**
 * Sparse linear regression y ≈ ⟨x, θ⟩ under local differential privacy (Zhu et al. 2024). The server only sees reports,
 * which reveal little about the person who sent them: for the data v, v′ of any two people and any set S of reports,
 * Pr[M(v) ∈ S] ≤ e^ε Pr[M(v′) ∈ S] + δ. This is the replace-one privacy of a single report; further reports of the same
 * person spend more ({@link PrivacyAccountant}).
 *
 * The model has no intercept: centre by public values, or add a constant feature of 1.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED for options that do not define a protocol.
 * @example const protocol = ldpSparseRegression({ d: 2, epsilon: 2, delta: 1e-6, mode: 'noninteractive', clip: { x: 2,
 * y: 3 } }); const [client, server] = [protocol.client(), protocol.server()]; for (const { x, y } of people)
 * server.aggregate(client.encode(x, y)); server.finish().theta;
 */
export function ldpSparseRegression(options: LdpOptions): LdpProtocol {
  const design = designOf(options);
  return {
    options,
    print: protocolPrint(design),
    noiseStd(people) {
      const { matrix, vector } = design.moments
        ? deviationsOf(design.moments)
        : { matrix: 0, vector: design.gradient!.deviation };
      return { matrix: matrix / Math.sqrt(people), vector: vector / Math.sqrt(people) };
    },
    client: (own) => new LdpClient(design, own),
    server: () => new LdpServer(design),
  };
}
