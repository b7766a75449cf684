import type { Transport, Upgrader } from '@libp2p/interface'
import { tcp, type TCPComponents } from '@libp2p/tcp'

type TransportFactory = (components: TCPComponents) => Transport

/** TCP for a host that has no route to anybody: the error is the kernel's, and nothing is sent. */
export function tcpWithoutRoute(): TransportFactory {
  return (components) => {
    const transport = tcp()(components)
    transport.dial = async (address) => {
      const error = new Error(`connect ENETUNREACH ${address.toString()}`)
      throw Object.assign(error, { code: 'ENETUNREACH' })
    }
    return transport
  }
}

/** TCP whose inbound connections are limited, as those that come through a circuit relay are. */
export function limitedTcp(): TransportFactory {
  return (components) => {
    const transport = tcp()(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) =>
      createListener({ ...options, upgrader: limiting(options.upgrader) })
    return transport
  }
}

function limiting(upgrader: Upgrader): Upgrader {
  return new Proxy(upgrader, {
    get(target, name) {
      if (name !== 'upgradeInbound') {
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      }
      const upgradeInbound: Upgrader['upgradeInbound'] = async (connection, options) =>
        target.upgradeInbound(connection, { ...options, limits: { seconds: 120 } })
      return upgradeInbound
    },
  })
}
